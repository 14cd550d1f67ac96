/**
 * An inner request whose path leads to another route than that of the operation
 * it was made for. The message is for the caller.
 */
export class OtherRouteError extends Error {
  override readonly name = 'OtherRouteError';

  /** @param args the arguments that make the path */
  constructor(args: readonly string[]) {
    const names = args.map((name) => `"${name}"`).join(', ');
    super(
      args.length === 0
        ? 'Another route of the application answers at the URL of this one, so nothing was run.'
        : args.length === 1
          ? `The value of ${names} names another route of the application, so nothing was run. Choose another value.`
          : `The values of ${names} name another route of the application, so nothing was run. Choose other values.`,
    );
  }
}
