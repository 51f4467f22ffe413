using GateKeeper.Commands;

HarmlessWriter.Guard();
return await CommandLine.RunAsync(args);
