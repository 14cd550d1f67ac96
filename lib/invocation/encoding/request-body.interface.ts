/** The body of a request and the header that describes it. */
export interface EncodedBody {
  readonly contentType: string;
  readonly content: Buffer;
}

/** One property of a form. */
export interface FormField {
  /** What the caller calls it, for messages. */
  readonly argument: string;
  readonly field: string;
  readonly value: unknown;
}

/** What goes into a body: one value, or fields and files. */
export interface BodyContent {
  /** The whole body; wins over `fields`. Undefined: there is none. */
  readonly whole?: unknown;
  readonly fields: readonly FormField[];
  readonly files: readonly FormField[];
}
