/** Runs the rows: start, warm up, then several rounds in turn. */
import { InnerLoad } from './inner-load.mjs';
import { LoadGenerator } from './load-generator.mjs';
import { median } from './median.mjs';
import { RunningServer } from './running-server.mjs';

/**
 * How long a server is loaded before it is measured, as a part of a round: while
 * others have their turn, V8 drops what it has compiled for it.
 */
const LEAD_IN = 2 / 3;

/**
 * @param plan `rounds`, seconds of `warmUp` and of each `round`, and the `node` that servers run on
 * @param say told what goes on
 * @returns per row its medians, or `failed` with the reason
 */
export async function measure(rows, plan, say) {
  const servers = new Map();
  const generator = new LoadGenerator();
  const inner = new InnerLoad();
  const loadOf = (row) => (row.server.kind === 'inner' ? inner : generator);
  try {
    const measurements = [];
    for (const [index, row] of rows.entries()) {
      say(`warm-up ${index + 1}/${rows.length} ${row.name}`);
      measurements.push(await warmUp(row, servers, loadOf(row), plan));
    }
    for (let turn = 1; turn <= plan.rounds; turn++) {
      for (const one of measurements.filter(({ failed }) => !failed)) {
        say(`round ${turn}/${plan.rounds} ${one.row.name}`);
        await attempt(one, async () => {
          one.rounds.push(await round(one, loadOf(one.row), plan.round));
        });
      }
    }
    return measurements.map(summary);
  } finally {
    generator.stop();
    for (const server of servers.values()) {
      server.then(
        (running) => running.stop(),
        () => undefined,
      );
    }
  }
}

async function warmUp(row, servers, load, plan) {
  const one = { row, rounds: [] };
  const key = JSON.stringify(row.server);
  if (!servers.has(key)) {
    servers.set(key, RunningServer.start(row.server, plan.node));
  }
  await attempt(one, async () => {
    one.server = await servers.get(key);
    one.expected = await load.first(row, one.server);
    const length = { seconds: plan.warmUp };
    await load.run(row, one.server, one.expected, length);
  });
  return one;
}

async function round({ row, server, expected }, load, seconds) {
  const leadIn = { seconds: seconds * LEAD_IN };
  await load.run(row, server, expected, leadIn);
  const before = await server.ask('cpu');
  const { requests, ...figures } = await load.run(row, server, expected, {
    seconds,
  });
  const spent = (await server.ask('cpu')) - before;
  return { ...figures, cpuMicroseconds: spent / requests };
}

/** A row that fails is reported; the others go on. */
async function attempt(one, action) {
  try {
    await action();
  } catch (error) {
    one.failed = error.message;
  }
}

function summary({ row, rounds, expected, failed }) {
  if (failed !== undefined) {
    return { row, failed };
  }
  const middle = (figure) => median(rounds.map((round) => round[figure]));
  return {
    row,
    requestsPerSecond: middle('requestsPerSecond'),
    p50: middle('p50'),
    p99: middle('p99'),
    cpuMicroseconds: middle('cpuMicroseconds'),
    bytes: Buffer.byteLength(expected),
    rounds,
  };
}
