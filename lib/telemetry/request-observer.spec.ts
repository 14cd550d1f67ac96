import type { ObservedRequest } from './observed-request.interface.js';
import {
  requestAttributes,
  sessionAttributes,
  spanAttributes,
  spanName,
} from './request-observer.js';

const request: ObservedRequest = {
  method: 'tools/call',
  kind: 'tool',
  name: 'find_cat',
  requestId: 7,
  protocolVersion: undefined,
  sessionId: undefined,
  isHttp: false,
  meta: undefined,
  signal: new AbortController().signal,
};

describe('the attributes of a request', () => {
  it('over stdio name a pipe, and nothing that is not known', () => {
    expect(requestAttributes(request)).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'find_cat',
      'gen_ai.operation.name': 'execute_tool',
      'network.transport': 'pipe',
    });
    expect(spanAttributes(request)).toEqual({ 'jsonrpc.request.id': '7' });
    expect(
      sessionAttributes({
        duration: 1,
        protocolVersion: undefined,
        isHttp: false,
      }),
    ).toEqual({ 'network.transport': 'pipe' });
  });

  it.each([
    ['tool', 'tools/call', 'tools/call a'],
    ['prompt', 'prompts/get', 'prompts/get a'],
    ['resource', 'resources/read', 'resources/read'],
    ['completion', 'completion/complete', 'completion/complete'],
  ] as const)(
    'of a %s give the span a name of few values',
    (kind, method, name) => {
      expect(spanName({ ...request, kind, method, name: 'a' })).toBe(name);
    },
  );
});
