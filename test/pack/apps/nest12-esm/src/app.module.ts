import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { GreetingsController } from './greetings.controller.js';

@Module({
  imports: [McpModule.forRoot({ name: 'greeter', version: '1.0.0' })],
  controllers: [GreetingsController],
})
export class AppModule {}
