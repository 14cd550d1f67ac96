import {
  classifyInboundRequest,
  isJsonContentType,
  type McpHandlerRequestOptions,
} from '@modelcontextprotocol/server';

/** Undefined for what is no JSON: the SDK's handler refuses that. */
export async function bodyOf(
  request: Request,
  { parsedBody }: McpHandlerRequestOptions,
): Promise<unknown> {
  if (
    parsedBody !== undefined ||
    !isJsonContentType(request.headers.get('content-type'))
  ) {
    return parsedBody;
  }
  try {
    return JSON.parse(await request.clone().text());
  } catch {
    return undefined;
  }
}

/** Whether a request is of an era that has sessions. */
export function isLegacy(request: Request, body: unknown): boolean {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  return (
    body !== undefined &&
    isJsonContentType(request.headers.get('content-type')) &&
    classifyInboundRequest({
      httpMethod: request.method,
      protocolVersionHeader: header('mcp-protocol-version'),
      mcpMethodHeader: header('mcp-method'),
      mcpNameHeader: header('mcp-name'),
      body,
    }).kind === 'legacy'
  );
}
