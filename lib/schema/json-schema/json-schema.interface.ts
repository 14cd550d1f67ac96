/** A JSON Schema of dialect 2020-12, as an object. Boolean schemas occur only inside one. @publicApi */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A JSON Schema whose root is an object, as MCP demands of an input schema. */
export interface ObjectSchema extends JsonSchema {
  readonly type: 'object';
}
