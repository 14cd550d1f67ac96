import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--allow-natives-syntax');

/** Whether V8 has one hidden class for both. */
// oxlint-disable-next-line typescript/no-implied-eval -- No compiler knows the syntax.
export const haveSameShape = new Function(
  'a',
  'b',
  'return %HaveSameMap(a, b)',
) as (a: object, b: object) => boolean;
