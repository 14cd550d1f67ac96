import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { DemoLogin } from './demo-login.js';
import { GreetingsController } from './greetings.controller.js';

@Module({
  imports: [McpModule.forRoot({ name: 'greeter', version: '1.0.0' })],
  controllers: [GreetingsController],
  providers: [DemoLogin],
})
export class AppModule {}
