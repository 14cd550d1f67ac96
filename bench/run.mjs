/**
 * The benchmark: `npm run bench`. See README.md in this folder.
 */
import { parseArgs } from 'node:util';
import { measure } from './measure.mjs';
import { printTable, printTargets, writeFigures } from './report.mjs';
import { rows } from './rows.mjs';
import { judge } from './targets.mjs';

/** Times in seconds. */
const FULL = { rounds: 5, warmUp: 2, round: 0.9 };
const SHORT = { rounds: 3, warmUp: 1, round: 0.45 };

const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    only: { type: 'string' },
    json: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    list: { type: 'boolean' },
    soak: { type: 'boolean' },
    calls: { type: 'string' },
    adapter: { type: 'string' },
    profile: { type: 'string' },
    node: { type: 'string' },
  },
});
if (values.soak) {
  const { soak } = await import('./soak.mjs');
  await soak(values);
} else if (values.profile !== undefined) {
  const { profile } = await import('./profile.mjs');
  await profile(values);
} else {
  await benchmark();
}

async function benchmark() {
  const chosen = rows(values);
  if (values.list) {
    chosen.forEach(({ name }) => console.log(name));
    return;
  }
  if (chosen.length === 0) {
    throw new Error(`--only ${values.only} matches no row; see --list`);
  }
  const plan = { ...(values.short ? SHORT : FULL) };
  plan.rounds = Number(values.rounds ?? plan.rounds);
  plan.round = Number(values.seconds ?? plan.round);
  plan.node = values.node;
  const measurements = await measure(chosen, plan, progress);
  progress('');
  printTable(measurements, plan);
  const targets = judge(measurements);
  printTargets(targets);
  if (values.json !== undefined) {
    writeFigures(values.json, measurements, targets);
  }
  if (measurements.some(({ failed }) => failed !== undefined)) {
    process.exitCode = 1;
  }
}

/** One line that is written over, for people alone. */
function progress(text) {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${text}`);
  }
}
