/**
 * The application behind the rows `plain` and `ours`: one POST route for each
 * tool, or more, in controllers of ten.
 */
import {
  Body,
  Controller,
  Module,
  Post,
  UseGuards,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { IsInt, IsString, Min, MinLength } from 'class-validator';
import { classNamed, method, property } from './decorate.mjs';
import { PLACED, toolIndexes } from './order.mjs';

const ROUTES_PER_CONTROLLER = 10;

/** Looks at the request, as a guard does, and lets everybody pass. */
class OpenGuard {
  canActivate(context) {
    return context.switchToHttp().getRequest().method === 'POST';
  }
}

/** Leaves a mark on the request, as a logger or a request id would. */
function mark(request, response, next) {
  request.markedAt = Date.now();
  next();
}

/**
 * @param shape `bare`: the route is a constant. `route`: with a guard, a
 *   validating pipe and a class-validator DTO. `full`: with middleware besides.
 * @param extra decorators for the route of one tool, by its number
 */
export function applicationModule(
  { tools, routes = tools, shape },
  { imports = [], extra = () => [] } = {},
) {
  const controllers = [];
  for (const index of toolIndexes(routes)) {
    const slot = index % ROUTES_PER_CONTROLLER;
    if (slot === 0) {
      const number = controllers.length;
      const Orders = classNamed(`Orders${number}Controller`);
      Controller(`orders${number}`)(Orders);
      controllers.push({ Orders, Order: orderClass(number) });
    }
    const { Orders, Order } = controllers.at(-1);
    const decorators = [...extra(index), Post(`place${slot}`)];
    if (shape === 'bare') {
      method(Orders, `place${slot}`, () => PLACED, { decorators });
    } else {
      method(Orders, `place${slot}`, (order) => ({ id: 1, ...order }), {
        decorators: [
          ...decorators,
          UseGuards(OpenGuard),
          UsePipes(new ValidationPipe({ transform: true, whitelist: true })),
        ],
        parameters: [{ decorator: Body(), type: Order }],
      });
    }
  }
  class AppModule {
    configure(consumer) {
      if (shape === 'full') {
        consumer
          .apply(mark)
          .forRoutes(...controllers.map(({ Orders }) => Orders));
      }
    }
  }
  Module({ imports, controllers: controllers.map(({ Orders }) => Orders) })(
    AppModule,
  );
  return AppModule;
}

/** The path of the first route. */
export const FIRST_ROUTE = '/orders0/place0';

function orderClass(number) {
  const Order = classNamed(`Order${number}`);
  property(Order, 'name', String, IsString(), MinLength(1));
  property(Order, 'amount', Number, IsInt(), Min(1));
  return Order;
}
