// A counter whose upper bits are four lamps.
module top(input clk, output [3:0] leds);
  reg [11:0] count = 0;
  always @(posedge clk) count <= count + 1;
  assign leds = count[11:8];
endmodule
