/** The table, the targets and the file of figures. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { baselinesOf, ratiosOf, shareTitle } from './ratios.mjs';
import { ADAPTERS, ERAS } from './rows.mjs';

export function printTable(measurements, plan) {
  const ratios = ratiosOf(measurements);
  const ratio = (row, column) => {
    const baseline = baselinesOf(row)[column];
    return ratios[`${row.name} / ${baseline}`]?.toFixed(2) ?? '-';
  };
  console.log(
    `Node ${versionOf(plan.node)}, ${availableParallelism()} cores ` +
      `(${cpus()[0]?.model ?? 'unknown'}), medians of ${plan.rounds} rounds ` +
      `of ${plan.round} s; 16 connections for calls, 8 for lists`,
  );
  const lines = [
    ['row', 'req/s', 'p50 ms', 'p99 ms', 'CPU us', 'bytes', 'x SDK', 'x plain'],
    ...measurements.map(({ row, failed, ...figures }) =>
      failed !== undefined
        ? [row.name, `FAILED: ${failed}`]
        : [
            row.name,
            figures.requestsPerSecond.toFixed(0),
            figures.p50.toFixed(2),
            figures.p99.toFixed(2),
            figures.cpuMicroseconds.toFixed(0),
            String(figures.bytes),
            ratio(row, 'sdk'),
            ratio(row, 'plain'),
          ],
    ),
  ];
  const widest = Math.max(...lines.map(([name]) => name.length));
  for (const [name, ...cells] of lines) {
    console.log(
      name.padEnd(widest) + cells.map((cell) => cell.padStart(9)).join(''),
    );
  }
  printBounds(new Map(measurements.map((one) => [one.row.name, one])), ratios);
}

/** What a call cannot cost less than, and what it costs; microseconds of processor time. */
function printBounds(byName, ratios) {
  for (const adapter of ADAPTERS) {
    for (const era of ERAS) {
      const share = ratios[shareTitle(adapter, era)];
      if (share !== undefined) {
        const time = (row) =>
          byName.get(`${adapter}.${row}`).cpuMicroseconds.toFixed(0);
        console.log(
          `bound ${adapter} ${era}: T(post) ${time(`post.${era}`)} + ` +
            `T(inner) ${time('inner.route')} us, a call ` +
            `${time(`ours.route.${era}.call.1`)}, T(route) ` +
            `${time('plain.route')}; share of the bound ${share.toFixed(2)}`,
        );
      }
    }
  }
}

function versionOf(node) {
  return node === undefined
    ? process.version
    : spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

export function printTargets(targets) {
  console.log('\nTargets');
  for (const { title, ratio, reached, atLeast, atMost, ambition } of targets) {
    const bound =
      atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
    console.log(
      `${reached ? 'reached    ' : 'not reached'} ${ratio.toFixed(2).padStart(6)}` +
        `  ${title}: ${bound}` +
        (ambition === undefined
          ? ''
          : ` (ambition ${ambition}${ratio >= ambition ? ', reached' : ''})`),
    );
  }
  console.log(
    'measured apart: start-up (startup.mjs), memory of sessions ' +
      '(sessions.mjs), growth over 1 million calls (--soak)',
  );
}

/** Writes `{ ratios: { name: number }, rows: [...] }`. */
export function writeFigures(file, measurements, targets) {
  const ratios = {
    ...ratiosOf(measurements),
    ...Object.fromEntries(targets.map(({ title, ratio }) => [title, ratio])),
  };
  const rows = measurements.map(({ row, ...figures }) => ({
    name: row.name,
    adapter: row.server.adapter,
    server: row.server.kind,
    era: row.era,
    method: row.method,
    tools: row.server.tools,
    connections: row.connections,
    ...figures,
  }));
  writeFileSync(file, `${JSON.stringify({ ratios, rows }, null, 2)}\n`);
}
