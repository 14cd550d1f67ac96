/** The project's speed targets, as ratios of two rows of one run. */
import { ratioOf } from './ratios.mjs';

const ADAPTERS = ['express', 'fastify'];
const ERAS = ['modern', 'legacy'];

/** Slowest allowed and hoped for, as a multiple of the SDK's handler. */
const CALL = {
  express: { atLeast: 1.1, ambition: 1.8 },
  fastify: { atLeast: 2.4, ambition: 5 },
};

const TARGETS = [
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
  ...ADAPTERS.map((adapter) => ({
    title: `tools/call on a route, legacy, ${adapter}: times fastmcp`,
    row: `${adapter}.ours.route.legacy.call.1`,
    baseline: 'own.fastmcp.legacy.call.1',
    atLeast: 1.5,
  })),
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
    atLeast: 0.75,
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
    const { row, baseline, figure } = target;
    const ratio = ratioOf(byName.get(row), byName.get(baseline), figure);
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
