# The processing system's clock 0 drives the design ($name, $clock MHz); nothing leaves the chip.
create_clock -period $period [get_nets clk]
