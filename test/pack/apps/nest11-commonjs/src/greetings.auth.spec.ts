import { INestApplication, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { McpModule } from 'nestjs-mcp';
import { createMcpClient, createTestTokens } from 'nestjs-mcp/testing';
import { GreetingsController } from './greetings.controller';

const tokens = createTestTokens();

@Module({
  imports: [McpModule.forRoot({ auth: { verifier: tokens.verifier } })],
  controllers: [GreetingsController],
})
class ProtectedModule {}

describe('a protected server', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      imports: [ProtectedModule],
    }).compile();
    app = testing.createNestApplication({ logger: false });
  });
  afterAll(() => app.close());

  it('lets in whoever has a good token', async () => {
    const mcp = await createMcpClient(app, { token: await tokens.sign() });
    const { structuredContent } = await mcp.callTool('greetings_greet', {
      name: 'Ada',
    });
    expect(structuredContent).toEqual({ text: 'Hello, Ada!' });
    await mcp.close();
  });

  it.each(['expired', 'signedByStranger', 'forAnotherServer'] as const)(
    'refuses a token that is %s',
    async (kind) => {
      const token = await tokens[kind]();
      await expect(createMcpClient(app, { token })).rejects.toThrow(/401/);
    },
  );
});
