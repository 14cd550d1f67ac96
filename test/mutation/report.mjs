/** Statuses of a mutant that some test noticed. */
const DETECTED = new Set(['killed', 'timeout', 'crashed']);

/** Prints the survivors and the score per file; answers the score of all in per cent. */
export function report(results) {
  for (const { mutant, status } of results) {
    if (!DETECTED.has(status)) {
      console.log(
        `${mutant.file}:${mutant.line}  ${status}: ${mutant.what}\n    ${mutant.code}`,
      );
    }
  }
  const files = groupByFile(results);
  console.log('\n  score  detected  mutants  file');
  for (const [file, list] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    printRow(file, list);
  }
  printRow('all', results);
  const count = (wanted) =>
    results.filter(({ status }) => status === wanted).length;
  console.log(
    `\nOf those detected, ${count('timeout')} by a timeout and ` +
      `${count('crashed')} by a crash; ${count('not reached')} are reached ` +
      'by no test.',
  );
  return scoreOf(results);
}

function scoreOf(results) {
  const detected = results.filter(({ status }) => DETECTED.has(status));
  return results.length === 0 ? 100 : (100 * detected.length) / results.length;
}

function printRow(name, results) {
  const detected = results.filter(({ status }) => DETECTED.has(status)).length;
  console.log(
    [
      scoreOf(results).toFixed(1).padStart(7),
      String(detected).padStart(9),
      String(results.length).padStart(8),
      ` ${name}`,
    ].join(' '),
  );
}

function groupByFile(results) {
  const files = new Map();
  for (const result of results) {
    const { file } = result.mutant;
    files.set(file, [...(files.get(file) ?? []), result]);
  }
  return files;
}
