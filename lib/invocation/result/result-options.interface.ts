/** Tells where a value breaks the output schema; undefined where it holds. */
export type OutputValidator = (
  value: unknown,
) => { readonly path: string; readonly message: string } | undefined;

/** How a tool's answers become results. */
export interface ResultOptions {
  readonly toolName: string;
  /** JSON text is indented by two spaces. */
  readonly pretty: boolean;
  /** Bytes of the text, or of the binary content, that a result may have. */
  readonly maxResultBytes: number;
  /** Present where the tool advertises an output schema. */
  readonly outputValidator?: OutputValidator | undefined;
  /** Whether the call changed nothing, so that it can be made again. @default false */
  readonly isReadOnly?: boolean;
  /** Arguments with which a caller may ask for less; named when a result is cut. */
  readonly narrowingArguments: readonly string[];
  /** Receives what callers must not see. */
  readonly logger: {
    error(message: unknown, ...details: unknown[]): void;
    warn(message: unknown, ...details: unknown[]): void;
  };
}
