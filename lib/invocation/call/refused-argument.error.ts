/**
 * A value that cannot be sent to the route. The message is for the caller: it
 * names the argument and what is wrong with it.
 */
export class RefusedArgumentError extends Error {
  override readonly name = 'RefusedArgumentError';

  constructor(
    /** Name of the argument, as the caller wrote it. */
    readonly argument: string,
    problem: string,
  ) {
    super(`Argument "${argument}" ${problem}`);
  }
}
