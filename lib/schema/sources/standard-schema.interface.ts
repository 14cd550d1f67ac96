/**
 * The part of the Standard Schema interface (standardschema.dev) that is read
 * here, so that no validation library need be imported.
 */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: number;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    /** Standard JSON Schema: absent in libraries that cannot describe themselves. */
    readonly jsonSchema?: {
      readonly input: (options: {
        readonly target: string;
      }) => Record<string, unknown>;
      readonly output: (options: {
        readonly target: string;
      }) => Record<string, unknown>;
    };
  };
}
