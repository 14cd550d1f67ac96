import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp';
import { DemoLogin } from './demo-login';
import { GreetingsController } from './greetings.controller';

@Module({
  imports: [McpModule.forRoot({ name: 'greeter', version: '1.0.0' })],
  controllers: [GreetingsController],
  providers: [DemoLogin],
})
export class AppModule {}
