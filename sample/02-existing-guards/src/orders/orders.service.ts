import {
  ConflictException,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import type { Order } from './order.interface.js';

/** Keeps the orders in memory. */
@Injectable()
export class OrdersService {
  private readonly orders = new Map<number, Order>(
    [
      { id: 1, item: 'Teapot', price: 2900 },
      { id: 2, item: 'Umbrella', price: 1850 },
      { id: 3, item: 'Desk lamp', price: 4200 },
    ].map((order) => [order.id, { ...order, status: 'paid' }]),
  );

  list(): Order[] {
    return [...this.orders.values()];
  }

  /** @throws NotFoundException when there is no such order */
  get(id: number): Order {
    const order = this.orders.get(id);
    if (!order) {
      throw new NotFoundException(`There is no order ${id}.`);
    }
    return order;
  }

  /** @throws ConflictException when it was refunded before */
  refund(id: number, refundedBy: string): Order {
    const order = this.get(id);
    if (order.status === 'refunded') {
      throw new ConflictException(`Order ${id} was refunded before.`);
    }
    const refunded: Order = { ...order, status: 'refunded', refundedBy };
    this.orders.set(id, refunded);
    return refunded;
  }
}
