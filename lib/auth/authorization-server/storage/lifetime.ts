/**
 * Milliseconds that a value may be kept: undefined for ever, 0 for not at all.
 * Storages disagree about what a lifetime of zero, a fraction or infinity
 * means, so they are not asked.
 *
 * @param lifetime seconds
 * @throws RangeError for what is no number
 */
export function toMilliseconds(
  lifetime: number | undefined,
): number | undefined {
  if (lifetime === undefined || lifetime === Infinity) {
    return undefined;
  }
  if (Number.isNaN(lifetime)) {
    throw new RangeError('A lifetime has to be a number of seconds');
  }
  return Math.max(0, Math.ceil(lifetime * 1000));
}
