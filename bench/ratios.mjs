/** What the rows of one run are compared with: only ratios within a run count. */
import { median } from './median.mjs';
import { ADAPTERS, ERAS } from './rows.mjs';

/** The rows that a row is measured against, by the name of the column. */
export function baselinesOf({ name, server, era, method }) {
  if (era === 'none' || server.kind === 'post') {
    return {};
  }
  // A server without an adapter is compared with those on Express.
  const adapter = server.adapter === 'own' ? 'express' : server.adapter;
  // Calls take the same time with any number of tools; lists do not.
  const tools = method === 'list' ? server.tools : 1;
  const sdk = `${adapter}.sdk.${era}.${method}.${tools}`;
  const shape = server.kind === 'ours' ? server.shape : 'route';
  return {
    ...(name !== sdk && { sdk }),
    ...(method === 'call' && { plain: `${adapter}.plain.${shape}` }),
  };
}

/** `{ 'row / baseline': ratio }` of the server's processor time, where both were measured. */
export function ratiosOf(measurements) {
  const byName = new Map(measurements.map((one) => [one.row.name, one]));
  const ratios = {};
  for (const one of measurements) {
    for (const baseline of Object.values(baselinesOf(one.row))) {
      const ratio = ratioOf(one, byName.get(baseline));
      if (ratio !== undefined) {
        ratios[`${one.row.name} / ${baseline}`] = ratio;
      }
    }
  }
  return { ...ratios, ...sharesOf(byName) };
}

/**
 * How near a call comes to what it cannot cost less than: to take a request and
 * answer it (`post`), and to run the route (`inner`).
 */
function sharesOf(byName) {
  return Object.fromEntries(
    ADAPTERS.flatMap((adapter) =>
      ERAS.map((era) => [
        shareTitle(adapter, era),
        shareOf(byName, adapter, era),
      ]),
    ).filter(([, share]) => share !== undefined),
  );
}

export const shareTitle = (adapter, era) =>
  `share of the bound, ${adapter}, ${era}`;

/** Undefined unless all of it was measured. */
export function shareOf(byName, adapter, era) {
  const [post, inner, ours] = [
    `${adapter}.post.${era}`,
    `${adapter}.inner.route`,
    `${adapter}.ours.route.${era}.call.1`,
  ].map((name) => byName.get(name)?.rounds);
  return (
    post &&
    inner &&
    ours &&
    median(
      ours.map(
        ({ cpuMicroseconds }, i) =>
          (post[i].cpuMicroseconds + inner[i].cpuMicroseconds) /
          cpuMicroseconds,
      ),
    )
  );
}

/**
 * How many times as fast by processor time, which the load of the machine moves
 * least; of another figure, how many times as large. The median of the ratios in
 * each round: what slows the machine down for a while slows both. Undefined
 * unless both were measured.
 */
export function ratioOf(one, baseline, figure) {
  if (!one?.rounds || !baseline?.rounds) {
    return undefined;
  }
  return median(
    one.rounds.map((round, i) =>
      figure === undefined
        ? baseline.rounds[i].cpuMicroseconds / round.cpuMicroseconds
        : round[figure] / baseline.rounds[i][figure],
    ),
  );
}
