import { defaultToolName } from './tool-name.js';

/** Name of what a method offers, if it gives none: `<class>_<method>` in snake_case, without `Resources` or the like. */
export function defaultMethodName(owner: string, method: string): string {
  return defaultToolName({
    controller: owner.replace(/(?<=.)(Resources?|Prompts?)$/, ''),
    method,
    operationId: undefined,
    httpMethod: undefined,
    path: undefined,
    version: undefined,
  });
}
