import { INestApplication, ValidationPipe } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { callTool, createMcpClient } from 'nestjs-mcp/testing';
import { AppModule } from './app.module';

describe('the tool greetings_greet', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      imports: [AppModule],
    }).compile();
    app = testing.createNestApplication({ logger: false });
    app.useGlobalPipes(new ValidationPipe({ whitelist: true }));
  });
  afterAll(() => app.close());

  it('greets', async () => {
    const result = await callTool(app, 'greetings_greet', { name: 'Ada' });
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toEqual({ text: 'Hello, Ada!' });
  });

  it.each(['modern', 'legacy'] as const)(
    'is there for a client of the %s era',
    async (era) => {
      const mcp = await createMcpClient(app, { era });
      expect((await mcp.listTools()).map(({ name }) => name)).toEqual([
        'greetings_greet',
      ]);
      const { isError } = await mcp.callTool('greetings_greet', { name: '' });
      expect(isError).toBe(true);
      await mcp.close();
    },
  );
});
