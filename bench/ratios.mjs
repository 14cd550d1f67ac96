/** What the rows of one run are compared with: only ratios within a run count. */
import { median } from './median.mjs';

/** The rows that a row is measured against, by the name of the column. */
export function baselinesOf({ name, server, era, method }) {
  if (era === 'none') {
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

/** `{ 'row / baseline': ratio }` of requests per second, where both were measured. */
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
  return ratios;
}

/**
 * The median of the ratios in each round: what slows the machine down for a
 * while slows both. Undefined unless both were measured.
 */
export function ratioOf(one, baseline, figure = 'requestsPerSecond') {
  if (!one?.rounds || !baseline?.rounds) {
    return undefined;
  }
  return median(
    one.rounds.map((round, i) => round[figure] / baseline.rounds[i][figure]),
  );
}
