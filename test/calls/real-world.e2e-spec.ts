import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { McpModule } from '../../lib/index.js';
import { Public } from '../fixtures/real-world/access.js';
import { CALLS } from '../fixtures/real-world/calls.js';
import { DIFFERENCES } from '../fixtures/real-world/differences.js';
import type { WorldCall } from '../fixtures/real-world/world-call.js';
import {
  setUpWorld,
  worldModule,
} from '../fixtures/real-world/world.module.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import {
  callTool,
  type ListedTool,
  listTools,
  type ToolResult,
} from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import {
  type DocumentedOperation,
  operationsOf,
} from '../support/openapi-operations.js';
import { readEvents } from '../support/server-sent-events.js';

const bearer = (token = 'token-of-ada'): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});

/** What start-up says, in the order of its lines. */
const NO_FIELDS =
  'so none of its fields is known: type it with a DTO class, or document it with @ApiBody().';
const WARNINGS = [
  `OrdersController.settings reads its whole body without a class that has metadata, ${NO_FIELDS}`,
  `OrdersController.balance reads its whole body without a class that has metadata, ${NO_FIELDS}`,
  'ArticlesController.findAll reads its whole query without a class that has metadata, so none of its keys is known: type it with a DTO class, or document the keys with @ApiQuery().',
  `ArticlesController.update reads "article" of its body without a class that has metadata, ${NO_FIELDS}`,
];

describe.each(ADAPTERS)('an application of many idioms on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  let tools: readonly ListedTool[];
  let operations: readonly DocumentedOperation[];

  beforeAll(async () => {
    booted = await bootApp(worldModule(adapter), adapter, {
      configure: setUpWorld,
    });
    endpoint = `${booted.url}/api/mcp`;
    tools = await listTools(endpoint, { headers: bearer() });
    operations = operationsOf(
      SwaggerModule.createDocument(booted.app, new DocumentBuilder().build(), {
        operationIdFactory: (controller, method) =>
          `${controller.replace(/Controller$/, '')}_${method}`
            .replaceAll(/(?<=[a-z0-9])[A-Z]/g, '_$&')
            .toLowerCase(),
      }),
    );
  });
  afterAll(() => booted?.close());

  it('starts with these warnings, and no others', () => {
    const said = booted.logger.lines
      .filter(({ level }) => level !== 'log')
      .map(({ level, text }) => `${level}: ${text.replace(/ McpModule$/, '')}`);
    expect(said).toEqual(WARNINGS.map((text) => `warn: ${text}`));
  });

  it("names the application's own guards, and where the endpoint is", () => {
    const said = booted.logger.of('log');
    expect(said).toContainEqual(
      expect.stringMatching(/has 40 tools at \/api\/mcp;/),
    );
    expect(said).toContainEqual(
      expect.stringMatching(
        /^Guards of the application \(LoginGuard, RolesGuard\)/,
      ),
    );
  });

  it('has a tool for every operation of its OpenAPI document, and no other', () => {
    expect(tools.map(({ name }) => name)).toEqual(
      operations.map(({ operationId }) => operationId).sort(),
    );
  });

  it('has tools that take and require what the document says', () => {
    const told = operations.map((operation) => {
      const { takes, requires } = {
        ...operation,
        ...DIFFERENCES[operation.operationId],
      };
      return { name: operation.operationId, takes, requires };
    });
    const offered = operations.map(({ operationId: name }) => {
      const schema = tools.find((tool) => tool.name === name)?.inputSchema;
      return {
        name,
        takes: Object.keys(schema?.properties ?? {}).sort(),
        requires: [...(schema?.required ?? [])].sort(),
      };
    });
    expect(offered).toEqual(told);
  });

  it('differs from the document only where the list says so, and there indeed', () => {
    for (const [name, { takes, requires }] of Object.entries(DIFFERENCES)) {
      const operation = operations.find(
        ({ operationId }) => operationId === name,
      );
      if (takes) expect(operation?.takes).not.toEqual(takes);
      if (requires) expect(operation?.requires).not.toEqual(requires);
    }
  });

  const calls = CALLS.filter(({ only = [adapter] }) => only.includes(adapter));

  it('is called by every tool, with success', () => {
    const called = calls.filter(({ status }) => status < 400);
    expect([...new Set(called.map(({ tool }) => tool))].sort()).toEqual(
      tools.map(({ name }) => name),
    );
  });

  describe.each(ERAS)('answers as over HTTP (%s)', (era) => {
    it.each(calls.map((call) => [call.status, call.http, call] as const))(
      '%d %s',
      async (status, _, call) => {
        const answer = await send(booted.url, call);
        expect(answer.status).toBe(status);
        const result = await callTool(endpoint, call.tool, call.args, {
          era,
          headers: bearer(call.token),
        });
        expect({ isError: result.isError, text: result.text }).toEqual({
          isError: status >= 400,
          text: result.text,
        });
        await expectSameAnswer(answer, result);
      },
    );
  });

  it('refuses the endpoint to whom its own guard refuses, and a tool beyond the schema', async () => {
    await expect(listTools(endpoint)).rejects.toThrow(
      /^HTTP 401 .*Log in first/,
    );
    const { isError, text } = await callTool(
      endpoint,
      'pages_info',
      { pageId: 'p1', by: 'Ben' },
      { headers: bearer() },
    );
    expect({ isError, text }).toEqual({
      isError: true,
      text: 'Invalid arguments: `by` is not an argument of this tool',
    });
  });
});

describe.each(ADAPTERS)('its cookie on %s', (adapter) => {
  it('logs in where it is forwarded, past a public endpoint', async () => {
    const booted = await bootApp(
      worldModule(
        adapter,
        McpModule.forRoot({
          expose: 'all',
          forwardHeaders: ['cookie'],
          decorators: [Public() as ClassDecorator],
        }),
      ),
      adapter,
      { configure: setUpWorld },
    );
    const me = (headers: Record<string, string>) =>
      callTool(`${booted.url}/api/mcp`, 'login_me', {}, { headers });
    expect((await me({})).text).toMatch(/^401 .*Log in first\./);
    expect(
      JSON.parse((await me({ cookie: 'session=token-of-ben' })).text),
    ).toEqual({
      data: { id: 2, name: 'Ben', role: 2 },
      success: true,
    });
    await booted.close();
  });
});

/** Sends a call as an HTTP client does. */
function send(origin: string, call: WorldCall): Promise<Response> {
  const [method, path] = call.http.split(' ') as [string, string];
  const { body } = call;
  const isForm = body instanceof FormData;
  return fetch(`${origin}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...bearer(call.token),
      ...call.headers,
      ...(body && !isForm && { 'content-type': 'application/json' }),
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  });
}

/** Holds a tool's result to what a client of HTTP got. */
async function expectSameAnswer(
  answer: Response,
  result: ToolResult,
): Promise<void> {
  const type = answer.headers.get('content-type') ?? '';
  if (answer.status >= 400) {
    const { message, errors } = (await answer.json()) as {
      message?: string | string[];
      errors?: Record<string, string>;
    };
    if (result.text.startsWith(String(answer.status))) {
      const texts = [message ?? Object.values(errors ?? {})].flat();
      expect(texts).not.toEqual([]);
      for (const text of texts) expect(result.text).toContain(text);
    } else {
      // The tool's schema refused what the route's validation refuses.
      expect([400, 422]).toContain(answer.status);
      expect(result.text).toMatch(/^Invalid arguments: /);
    }
  } else if (answer.status >= 300) {
    expect(result.text).toContain(answer.headers.get('location'));
  } else if (/^application\/(zip|pdf)/.test(type)) {
    expect(result.content).toMatchObject([
      {
        type: 'resource',
        resource: {
          mimeType: type,
          blob: Buffer.from(await answer.arrayBuffer()).toString('base64'),
        },
      },
    ]);
  } else if (type.includes('event-stream')) {
    const events = readEvents(await answer.text()).map(
      (data) => JSON.parse(data) as unknown,
    );
    expect(JSON.parse(result.text)).toEqual(events);
  } else if (type.includes('json')) {
    expect(JSON.parse(result.text)).toEqual(await answer.json());
  } else {
    expect(result.text).toBe(await answer.text());
  }
}
