/** The requests that are sent, and what their answers must be. */
import { isDeepStrictEqual } from 'node:util';
import { calledTool, ORDER, PLACED } from './servers/order.mjs';

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const JSON_TYPE = { 'content-type': 'application/json' };
const MCP = { ...JSON_TYPE, accept: 'application/json, text/event-stream' };

/** Headers and body of a row's request. */
export function requestOf({ era, method, server }) {
  if (era === 'none') {
    return { headers: JSON_TYPE, body: JSON.stringify(ORDER) };
  }
  const name = calledTool(server.routes ?? server.tools);
  const calls = method === 'call';
  const params = calls
    ? { name, arguments: server.shape === 'bare' ? {} : ORDER }
    : {};
  const rpcMethod = `tools/${method}`;
  const message = (meta) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: rpcMethod,
      params: { ...params, ...meta },
    });
  if (era === 'legacy') {
    return {
      headers: { ...MCP, 'mcp-protocol-version': LEGACY },
      body: message(),
    };
  }
  return {
    headers: {
      ...MCP,
      'mcp-protocol-version': MODERN,
      'mcp-method': rpcMethod,
      ...(calls && { 'mcp-name': name }),
    },
    body: message({
      _meta: {
        'io.modelcontextprotocol/protocolVersion': MODERN,
        'io.modelcontextprotocol/clientInfo': {
          name: 'bench',
          version: '1.0.0',
        },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    }),
  };
}

/** @throws Error where the first answer is not what the row is meant to measure */
export function checkAnswer(row, status, text) {
  if (status < 200 || status > 299) {
    throw new Error(`answered ${status}: ${text.slice(0, 200)}`);
  }
  const answer = JSON.parse(
    // An event stream of one message.
    text.match(/^data: ?(\{.*)$/m)?.[1] ?? text,
  );
  if (!isExpected(row, answer)) {
    throw new Error(`answered ${text.slice(0, 200)}`);
  }
}

function isExpected({ era, method, server }, answer) {
  if (era === 'none') {
    return isDeepStrictEqual(answer, PLACED);
  }
  if (method === 'list') {
    return answer.result?.tools?.length === server.tools;
  }
  return (
    answer.result !== undefined &&
    !answer.result.isError &&
    isDeepStrictEqual(JSON.parse(answer.result.content[0].text), PLACED)
  );
}
