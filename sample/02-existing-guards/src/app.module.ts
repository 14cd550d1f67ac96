import { Module } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { McpModule } from 'nestjs-mcp';
import { AuthModule } from './auth/auth.module.js';
import { Public } from './auth/public.decorator.js';
import { HealthController } from './health/health.controller.js';
import { OrdersController } from './orders/orders.controller.js';
import { OrdersService } from './orders/orders.service.js';

@Module({
  imports: [
    AuthModule,
    McpModule.forRoot({
      name: 'orders',
      title: 'Orders of the shop',
      version: '1.0.0',
      // The endpoint has no @Roles(), so the global guards would refuse it ...
      decorators: [Public()],
      // ... and this one, which the application has anyway, takes their place.
      guards: [AuthGuard('jwt')],
      auth: { verifier: false },
    }),
  ],
  controllers: [OrdersController, HealthController],
  providers: [OrdersService],
})
export class AppModule {}
