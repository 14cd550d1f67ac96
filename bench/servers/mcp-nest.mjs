/** `@rekog/mcp-nest`, started as its README says. Tools are constants. */
import { register } from 'node:module';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { classNamed, method } from './decorate.mjs';
import { listen } from './nest.mjs';
import { DESCRIPTION, PLACED_RESULT, toolIndexes, toolName } from './order.mjs';

// Nest's core, which is the project's, looks for this package beside itself.
register(
  `data:text/javascript,${encodeURIComponent(`
    export function resolve(name, context, next) {
      return name.startsWith('@nestjs/microservices')
        ? next(name, { ...context, parentURL: '${import.meta.url}' })
        : next(name, context);
    }`)}`,
);
const { Payload } = await import('@nestjs/microservices');
const { McpController, McpStrategy, StreamableHttpTransport, Tool } =
  await import('@rekog/mcp-nest');

export async function start({ adapter, tools }) {
  const strategy = new McpStrategy({
    name: 'bench',
    version: '1.0.0',
    // JSON instead of an event stream: what costs it the least.
    transports: [new StreamableHttpTransport({ enableJsonResponse: true })],
  });
  const Tools = classNamed('OrdersController');
  const parameters = z.object({
    name: z.string().min(1),
    amount: z.int().min(1),
  });
  for (const index of toolIndexes(tools)) {
    method(Tools, `place${index}`, () => PLACED_RESULT, {
      decorators: [
        Tool({ name: toolName(index), description: DESCRIPTION, parameters }),
      ],
      parameters: [{ decorator: Payload(), type: Object }],
    });
  }
  McpController()(Tools);
  class AppModule {}
  Module({ controllers: [Tools] })(AppModule);
  const url = await listen(AppModule, adapter, async (app) => {
    strategy.setHttpAdapter(app.getHttpAdapter());
    app.connectMicroservice({ strategy });
    await app.startAllMicroservices();
  });
  return { url: `${url}/mcp` };
}
