import { Body, Controller, Get, Post } from '@nestjs/common';
import { McpTool } from 'nestjs-mcp';
import { GreetingDto } from './greeting.dto';

@Controller('greetings')
export class GreetingsController {
  @Post()
  @McpTool({ description: 'Greets somebody' })
  greet(@Body() greeting: GreetingDto) {
    const hello = greeting.language === 'fr' ? 'Bonjour' : 'Hello';
    return { text: `${hello}, ${greeting.name}!` };
  }

  @Get()
  list() {
    return ['not a tool'];
  }
}
