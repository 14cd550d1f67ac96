/** The name that is most likely meant by a misspelt one; undefined where none is near. */
export function nearestName(
  misspelt: string,
  names: readonly string[],
): string | undefined {
  const wanted = misspelt.toLowerCase();
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const name of names) {
    const most = Math.max(1, Math.floor(name.length / 3));
    const edits =
      Math.abs(name.length - wanted.length) > most
        ? Infinity
        : editsBetween(wanted, name.toLowerCase());
    if (edits <= most && edits < fewest) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

/** Characters to insert, remove or replace (Levenshtein's distance). */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let line = 1; line <= a.length; line++) {
    const row = [line];
    for (let column = 1; column <= b.length; column++) {
      const replaced = a[line - 1] === b[column - 1] ? 0 : 1;
      row[column] = Math.min(
        (above[column] ?? 0) + 1,
        (row[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + replaced,
      );
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
