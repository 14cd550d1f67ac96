import { Test } from '@nestjs/testing';
import { McpRegistry } from 'nestjs-mcp';
import { AppModule } from './app.module';
import { GreetingsController } from './greetings.controller';

describe('GreetingsController', () => {
  it('greets, and is a tool', async () => {
    const testing = await Test.createTestingModule({
      imports: [AppModule],
    }).compile();
    const app = testing.createNestApplication({ logger: false });
    await app.init();

    expect(app.get(GreetingsController).greet({ name: 'Ada' })).toEqual({
      text: 'Hello, Ada!',
    });
    expect(app.get(McpRegistry).tools.map((tool) => tool.name)).toEqual([
      'greetings_greet',
    ]);
    await app.close();
  });
});
