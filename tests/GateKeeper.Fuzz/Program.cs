using GateKeeper.Tests.Fuzz;
using SharpFuzz;

if (args is not [var reader] || !Readers.All.TryGetValue(reader, out var read))
{
    Console.Error.WriteLine($"readers: {string.Join(", ", Readers.All.Keys)}");
    return 2;
}

Fuzzer.OutOfProcess.Run(stream =>
{
    using var copy = new MemoryStream();
    stream.CopyTo(copy);
    read(copy.ToArray());
});
return 0;
