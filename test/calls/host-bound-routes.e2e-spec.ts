import { Module } from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import { HostsModule } from '../fixtures/calls/hosts.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';

@Module({
  imports: [
    McpModule.forRoot({
      name: 'hosts',
      origins: { hosts: ['127.0.0.1', 'acme.example.com'] },
    }),
    HostsModule,
  ],
})
class App {}

describe.each(ADAPTERS)('routes bound to a host on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;

  beforeAll(async () => {
    booted = await bootApp(App, adapter);
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted?.close());

  it('are called on the host that is fixed', async () => {
    expect((await fetch(`${booted.url}/admin`)).status).toBe(404);
    const result = await callTool(endpoint, 'admin_read');
    expect(result.structuredContent).toEqual({ area: 'admin' });
  });

  it('are called on the host of the caller where it is a pattern', async () => {
    const params = { name: 'tenants_read', arguments: { id: '7' } };
    const answer = await sendRaw(endpoint, {
      method: 'POST',
      headers: {
        ...rpcHeaders('modern', 'tools/call', params),
        host: 'acme.example.com',
      },
      body: JSON.stringify(rpcBody('modern', 'tools/call', params)),
    });
    expect(JSON.parse(answer.text)).toMatchObject({
      result: { structuredContent: { tenant: 'acme', id: '7' } },
    });
  });

  it('are not found where the host of the caller does not fit the pattern', async () => {
    const result = await callTool(endpoint, 'tenants_read', { id: '7' });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('404');
  });

  it('take no host from an argument', async () => {
    const tool = (await listTools(endpoint)).find(
      ({ name }) => name === 'tenants_read',
    );
    expect(Object.keys(tool?.inputSchema.properties ?? {})).toEqual(['id']);
  });
});
