/** The project's speed targets, as ratios of two rows of one run. */
import { ratioOf, shareOf, shareTitle } from './ratios.mjs';
import { ADAPTERS, ERAS } from './rows.mjs';

/** Slowest allowed and hoped for, as a multiple of the SDK's handler. */
const CALL = {
  express: { atLeast: 1.1, ambition: 1.8 },
  fastify: { atLeast: 2.4, ambition: 5 },
};

/** Of the plain route, and of the bound. */
const PLAIN = { express: 0.75, fastify: 0.55 };
const SHARE = { express: 0.9, fastify: 0.8 };

/** Servers of their own, and how many times as fast a call is to be. */
const PEERS = [
  { peer: 'fastmcp', eras: ['legacy'], atLeast: 1.5 },
  { peer: 'tmcp', eras: ERAS, atLeast: 1 },
  { peer: 'mcp-use', eras: ERAS, atLeast: 1.5 },
];

const TARGETS = [
  ...each(ADAPTERS, ERAS, (adapter, era) => ({
    title: shareTitle(adapter, era),
    measured: (byName) => shareOf(byName, adapter, era),
    atLeast: SHARE[adapter],
  })),
  ...each(ADAPTERS, ERAS, (adapter, era) => ({
    title: `tools/call on a route, ${era}, ${adapter}: times the plain route`,
    row: `${adapter}.ours.route.${era}.call.1`,
    baseline: `${adapter}.plain.route`,
    atLeast: PLAIN[adapter],
  })),
  ...ADAPTERS.map((adapter) => ({
    title: `tools/call on a route, ${adapter}: the 2026 era times the 2025 era`,
    row: `${adapter}.ours.route.modern.call.1`,
    baseline: `${adapter}.ours.route.legacy.call.1`,
    atLeast: 1,
  })),
  ...each(ADAPTERS, ERAS, (adapter, era) => ({
    title: `tools/call on a route, ${era}, ${adapter}: times the SDK's handler`,
    row: `${adapter}.ours.route.${era}.call.1`,
    baseline: `${adapter}.sdk.${era}.call.1`,
    ...CALL[adapter],
  })),
  ...each(ADAPTERS, ERAS, (adapter, era) => ({
    title: `tools/call on a route, ${era}, ${adapter}: times @rekog/mcp-nest`,
    row: `${adapter}.ours.route.${era}.call.1`,
    baseline: `${adapter}.mcp-nest.${era}.call.1`,
    atLeast: 1.5,
  })),
  ...PEERS.flatMap(({ peer, eras, atLeast }) =>
    each(ADAPTERS, eras, (adapter, era) => ({
      title: `tools/call on a route, ${era}, ${adapter}: times ${peer}`,
      row: `${adapter}.ours.route.${era}.call.1`,
      baseline: `own.${peer}.${era}.call.1`,
      atLeast,
    })),
  ),
  ...ADAPTERS.map((adapter) => ({
    title: `tools/call with 1,000 tools, ${adapter}: times the same application with 1`,
    row: `${adapter}.ours.route.modern.call.1000`,
    baseline: `${adapter}.ours.route.modern.call.1of1000`,
    atLeast: 0.95,
  })),
  ...ADAPTERS.map((adapter) => ({
    title: `tools/list of 1,000 tools, ${adapter}: times the SDK's low-level Server`,
    row: `${adapter}.ours.route.modern.list.1000`,
    baseline: `${adapter}.sdk.modern.list.1000`,
    atLeast: 2,
  })),
  ...ADAPTERS.map((adapter) => ({
    title: `tools/call with JWT verification, ${adapter}: times the same without`,
    row: `${adapter}.ours.route+auth.modern.call.1`,
    baseline: `${adapter}.ours.route.modern.call.1`,
    atLeast: 0.85,
  })),
  ...each(ADAPTERS, ERAS, (adapter, era) => ({
    title: `p99 of tools/call, ${era}, ${adapter}: times @rekog/mcp-nest's`,
    row: `${adapter}.ours.route.${era}.call.1`,
    baseline: `${adapter}.mcp-nest.${era}.call.1`,
    figure: 'p99',
    atMost: 1,
  })),
  ...ADAPTERS.map((adapter) => ({
    title: `p99 of tools/call, legacy, ${adapter}: times fastmcp's`,
    row: `${adapter}.ours.route.legacy.call.1`,
    baseline: 'own.fastmcp.legacy.call.1',
    figure: 'p99',
    atMost: 1,
  })),
];

/** Targets that this run had the rows for, with what was measured. */
export function judge(measurements) {
  const byName = new Map(measurements.map((one) => [one.row.name, one]));
  return TARGETS.flatMap((target) => {
    const { row, baseline, figure, measured } = target;
    const ratio = measured
      ? measured(byName)
      : ratioOf(byName.get(row), byName.get(baseline), figure);
    return ratio === undefined
      ? []
      : [
          {
            ...target,
            ratio,
            reached:
              target.atMost === undefined
                ? ratio >= target.atLeast
                : ratio <= target.atMost,
          },
        ];
  });
}

function each(adapters, eras, target) {
  return adapters.flatMap((adapter) => eras.map((era) => target(adapter, era)));
}
