/**
 * The part of the Standard Schema interface (standardschema.dev) that is read
 * here, so that no validation library need be imported.
 *
 * @publicApi
 */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: number;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    /** For the compiler alone; nothing is there at run time. */
    readonly types?:
      { readonly input: unknown; readonly output: unknown } | undefined;
    /** Standard JSON Schema: absent in libraries that cannot describe themselves. */
    readonly jsonSchema?: {
      readonly input: (options: {
        readonly target: string;
        readonly libraryOptions?: Record<string, unknown> | undefined;
      }) => Record<string, unknown>;
      readonly output: (options: {
        readonly target: string;
        readonly libraryOptions?: Record<string, unknown> | undefined;
      }) => Record<string, unknown>;
    };
  };
}

/** What a Standard Schema makes of a value that fits. @publicApi */
export type InferSchema<S extends StandardSchema> = NonNullable<
  S['~standard']['types']
>['output'];
