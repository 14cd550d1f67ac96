import {
  Controller,
  Get,
  HttpCode,
  Param,
  ParseIntPipe,
  Post,
} from '@nestjs/common';
import { McpTool } from 'nestjs-mcp';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import type { User } from '../auth/user.interface.js';
import type { Order } from './order.interface.js';
import { OrdersService } from './orders.service.js';

@Controller('orders')
@Roles('support', 'manager')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  @McpTool({ description: 'List all orders. Prices are in cents.' })
  list(): Order[] {
    return this.orders.list();
  }

  @Get(':id')
  @McpTool({ description: 'Get one order by its number.' })
  findOne(@Param('id', ParseIntPipe) id: number): Order {
    return this.orders.get(id);
  }

  @Post(':id/refund')
  @HttpCode(200)
  @Roles('manager')
  @McpTool({ description: 'Give the money for an order back. Managers only.' })
  refund(
    @Param('id', ParseIntPipe) id: number,
    @CurrentUser() user: User,
  ): Order {
    return this.orders.refund(id, user.name);
  }
}
