/** Tells where a value breaks the output schema; undefined where it holds. */
export type OutputValidator = (
  value: unknown,
) => { readonly path: string; readonly message: string } | undefined;

/** Where failures of an operation are told, and how large its answer may be. */
export interface FailureOptions {
  /** For the log: `Resource "docs://handbook"`. */
  readonly label: string;
  /** Bytes of the text, or of the binary content, that a result may have. */
  readonly maxResultBytes: number;
  /** Present for a tool, whose failures a model reads. */
  readonly toolName?: string;
  /** Present where the tool advertises an output schema. */
  readonly outputValidator?: OutputValidator | undefined;
  /** Receives what callers must not see. */
  readonly logger: {
    error(message: unknown, ...details: unknown[]): void;
    warn(message: unknown, ...details: unknown[]): void;
  };
}

/** How a tool's answers become results. */
export interface ResultOptions extends FailureOptions {
  readonly toolName: string;
  /** Whether the call changed nothing, so that it can be made again. @default false */
  readonly isReadOnly?: boolean;
  /** Arguments with which a caller may ask for less; named when a result is cut. */
  readonly narrowingArguments: readonly string[];
}
