import { readChallenge, type ReadChallenge } from './auth-challenge.js';
import { callTool, listTools } from './call-tool.js';
import { rpc, type Era, type RpcAnswer, type RpcOptions } from './json-rpc.js';

/** Headers of a caller; none for an anonymous one. */
export type Caller = Readonly<Record<string, string>>;

/** Calls a tool, and hands the answer over as it is in HTTP. */
export const tryTool = (
  endpoint: string,
  era: Era,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  options: RpcOptions = {},
): Promise<RpcAnswer> =>
  rpc(endpoint, era, 'tools/call', { name, arguments: args }, options);

/** What a caller is shown. */
export const listedFor = async (
  endpoint: string,
  era: Era,
  headers: Caller = {},
): Promise<string[]> =>
  (await listTools(endpoint, { era, headers })).map(({ name }) => name);

/** What a tool answered to a caller. */
export const resultFor = async (
  endpoint: string,
  era: Era,
  name: string,
  headers: Caller = {},
): Promise<unknown> =>
  (await callTool(endpoint, name, {}, { era, headers })).structuredContent;

/** The challenge of an answer, which must have one. */
export const challengeOf = ({
  headers,
}: {
  readonly headers: Headers;
}): ReadChallenge => readChallenge(headers.get('www-authenticate'));
