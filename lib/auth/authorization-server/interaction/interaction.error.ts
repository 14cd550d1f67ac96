/** A page that cannot be shown; the message is for the person. */
export class InteractionError extends Error {
  constructor(
    readonly status: 400 | 403 | 404,
    message: string,
  ) {
    super(message);
  }
}
