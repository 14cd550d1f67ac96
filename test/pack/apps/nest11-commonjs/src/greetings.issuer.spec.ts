import { INestApplication, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { McpModule } from 'nestjs-mcp';
import { DemoLogin } from './demo-login';
import { GreetingsController } from './greetings.controller';

@Module({
  imports: [
    McpModule.forRoot({
      auth: {
        resource: 'http://127.0.0.1:3000/mcp',
        authorizationServer: { login: DemoLogin },
      },
    }),
  ],
  controllers: [GreetingsController],
  providers: [DemoLogin],
})
class IssuingModule {}

describe('a server that issues tokens', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      imports: [IssuingModule],
    }).compile();
    app = testing.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('starts and is protected; where Jest cannot load what logs people in, the answer says so', async () => {
    const url = await app.getUrl();
    const call = await fetch(`${url}/mcp`, { method: 'POST' });
    expect(call.status).toBe(401);
    const metadata = await fetch(
      `${url}/.well-known/oauth-authorization-server`,
    );
    const body = (await metadata.json()) as object;
    if (metadata.status === 200) {
      expect(body).toHaveProperty('issuer', 'http://127.0.0.1:3000');
    } else {
      expect(metadata.status).toBe(503);
      expect(body).toMatchObject({
        error: 'temporarily_unavailable',
        error_description: expect.stringContaining('transformIgnorePatterns'),
      });
    }
  });
});
