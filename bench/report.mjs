/** The table, the targets and the file of figures. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { baselinesOf, ratiosOf } from './ratios.mjs';

export function printTable(measurements, plan) {
  const ratios = ratiosOf(measurements);
  const ratio = (row, column) => {
    const baseline = baselinesOf(row)[column];
    return ratios[`${row.name} / ${baseline}`]?.toFixed(2) ?? '-';
  };
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores ` +
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
