using GateKeeper.Commands;

return await CommandLine.RunAsync(args);
