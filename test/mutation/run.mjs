// Mutation run over the code that decides who gets in: changes one thing at a
// time in lib/auth/guards and lib/auth/verifiers (drops a check, turns a
// comparison round, leaves out an option, …) and looks whether a test notices.
// Works on copies of the tree in the temporary folder; nothing here is changed.
//
//   npm run mutation                             all; exit code 1 below 85 %
//   npm run mutation -- --files jwt/             sources with that in their path
//   npm run mutation -- --specs lib/             only spec files with that in theirs
//   npm run mutation -- --sample 100 --seed 7    a quick look
//   npm run mutation -- --workers 4              default 2
//   npm run mutation -- --json out.json          every mutant with its outcome
//   npm run mutation -- --list                   the mutants, without any test
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './coverage.mjs';
import { mutantsOf, sample } from './mutants.mjs';
import { report } from './report.mjs';
import { Runner } from './runner.mjs';
import { snapshot } from './sandbox.mjs';

const SOURCES = /^lib\/auth\/(guards|verifiers)\/.*(?<!\.spec)\.ts$/;
const SPECS =
  /^(lib\/auth\/.*\.spec|test\/(auth\/.*|samples\/(existing-guards|oauth))\.e2e-spec)\.ts$/;
/** Per cent of the mutants that tests must notice. */
const GOAL = 85;

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '' },
    specs: { type: 'string', default: '' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

// So that the sandboxes are removed.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => process.exit(130));
}

const { root, files } = snapshot();
const originals = new Map(
  files
    .filter((file) => SOURCES.test(file) && file.includes(options.files))
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);
const all = [...originals].flatMap(([file, text]) => mutantsOf(file, text));
const mutants = options.sample
  ? sample(all, Number(options.sample), Number(options.seed))
  : all;

if (options.list) {
  for (const { file, line, what } of mutants) {
    console.log(`${file}:${line}  ${what}`);
  }
} else {
  const results = await tryAll();
  if (options.json) {
    const outcomes = results.map(({ mutant, ...outcome }) => ({
      ...mutant,
      text: undefined,
      ...outcome,
    }));
    writeFileSync(options.json, JSON.stringify(outcomes, null, 2));
  }
  const score = report(results);
  process.exitCode = score < GOAL ? 1 : 0;
}

async function tryAll() {
  const specs = measure(
    root,
    files.filter((file) => SPECS.test(file) && file.includes(options.specs)),
    [...originals.keys()],
  );
  console.log(`${mutants.length} mutants, ${specs.length} spec files`);
  const kills = new Map();
  const results = [];
  const queue = [...mutants];

  const work = async () => {
    const runner = new Runner(root);
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const result = await runner.try(
        mutant,
        originals.get(mutant.file),
        likelyFirst(mutant, specs, kills),
      );
      if (result.by) {
        const key = `${mutant.file} ${result.by}`;
        kills.set(key, (kills.get(key) ?? 0) + 1);
      }
      results.push({ mutant, ...result });
      if (results.length % 50 === 0) {
        console.log(`${results.length} of ${mutants.length} tried`);
      }
    }
    await runner.close();
  };
  await Promise.all(Array.from({ length: Number(options.workers) }, work));
  return results.sort(
    (a, b) => mutants.indexOf(a.mutant) - mutants.indexOf(b.mutant),
  );
}

/** The spec files that reach a mutant: first what noticed others of its file in little time. */
function likelyFirst(mutant, specs, kills) {
  const promise = ({ spec, duration }) =>
    ((kills.get(`${mutant.file} ${spec}`) ?? 0) +
      (dirname(spec) === dirname(mutant.file) ? 3 : 1)) /
    duration;
  return specs
    .filter(({ reaches }) => reaches(mutant))
    .sort((a, b) => promise(b) - promise(a))
    .map(({ spec, duration }) => ({ spec, limit: 10_000 + 5 * duration }));
}
