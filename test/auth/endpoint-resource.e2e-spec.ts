import { Module } from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';

const SECRET = 'a-secret-of-more-than-32-characters';

async function warningsFor(
  adapter: (typeof ADAPTERS)[number],
  resource: string | string[],
): Promise<string[]> {
  @Module({
    imports: [
      McpModule.forRoot({
        auth: {
          resource: resource as string,
          verifier: { secret: SECRET, issuer: 'https://login.example' },
          authorizationServers: ['https://login.example'],
        },
      }),
    ],
  })
  class App {}
  const booted = await bootApp(App, adapter, {
    configure: (app) => {
      app.setGlobalPrefix('api');
    },
  });
  const warnings = booted.logger
    .of('warn')
    .filter((line) => line.includes('auth.resource'));
  await booted.close();
  return warnings;
}

describe.each(ADAPTERS)('auth.resource on %s', (adapter) => {
  it.each([
    'https://api.example.com/api/mcp',
    'https://api.example.com/api/mcp/',
    'https://api.example.com/behind/api/mcp',
  ])('is taken as it is where it ends in the path: %s', async (resource) => {
    expect(await warningsFor(adapter, resource)).toEqual([]);
  });

  it('is taken as it is where one of several names does', async () => {
    expect(
      await warningsFor(adapter, [
        'https://api.example.com/mcp',
        'https://api.example.com/api/mcp',
      ]),
    ).toEqual([]);
  });

  it.each([
    'https://api.example.com/mcp',
    'https://api.example.com',
    'https://api.example.com/my-api/mcp',
  ])('is warned of once where it does not: %s', async (resource) => {
    expect(await warningsFor(adapter, resource)).toEqual([
      expect.stringMatching(
        /auth\.resource is "https:.*the MCP endpoint is at \/api\/mcp\. .*unless a proxy/,
      ),
    ]);
  });
});
