using System.Text;

namespace GateKeeper.Tests.Fuzz;

/// <summary>
/// The readers of outside text on what is no such text: on the inputs that longer sessions found (<c>gatekeeper fuzz READER</c>), each kept as a
/// file, and on some thousands made of good ones by a seeded hand.
/// </summary>
public sealed class ReaderTests
{
    private const int Mutants = 600;
    private static readonly string Inputs = Path.Combine(HouseRules.Root, "tests/GateKeeper.Tests/Fuzz/inputs");

    [TestCaseSource(nameof(Names))]
    public void Nothing_but_its_own_error_leaves_a_reader(string reader)
    {
        var seeds = Seeds(reader);
        foreach (var (text, number) in seeds.Concat(Mutations.Of(seeds, 20261128, Mutants)).Select((text, number) => (text, number)))
            Assert.That(() => Readers.All[reader](text), Throws.Nothing, $"{number}: {Convert.ToBase64String(text)}");
    }

    [TestCaseSource(nameof(Names))]
    public void A_reader_needs_as_much_as_its_text_is_long(string reader)
    {
        foreach (var seed in Seeds(reader).Where(seed => seed.Length is > 0 and < 4000))
        {
            foreach (var part in Parts(seed))
            {
                Spend(reader, Repeated(part, 1000));
                var (small, large) = (Spend(reader, Repeated(part, 8000)), Spend(reader, Repeated(part, 40_000)));

                Assert.That(large, Is.LessThan((small * 10) + (4 << 20)), $"{small:N0} bytes were needed for 8,000 letters, {large:N0} for five times as many: {Encoding.UTF8.GetString(part)}");
            }
        }
    }

    [Test]
    public void Every_reader_has_inputs_and_every_input_a_reader() =>
        Assert.That(Directory.GetDirectories(Inputs).Select(Path.GetFileName), Is.EquivalentTo(Readers.All.Keys));

    private static IEnumerable<string> Names => Readers.All.Keys;

    private static List<byte[]> Seeds(string reader) => [.. Directory.GetFiles(Path.Combine(Inputs, reader)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>The whole, its halves, and its lines: what may be there many times.</summary>
    private static IEnumerable<byte[]> Parts(byte[] seed)
    {
        yield return seed;
        yield return seed[..((seed.Length + 1) / 2)];
        foreach (var line in Encoding.UTF8.GetString(seed).Split('\n').Where(line => line.Length > 0).Distinct().Take(6))
            yield return Encoding.UTF8.GetBytes(line + "\n");
    }

    private static byte[] Repeated(byte[] part, int length) => [.. Enumerable.Repeat(part, (length / part.Length) + 1).SelectMany(bytes => bytes).Take(length)];

    private static long Spend(string reader, byte[] text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Readers.All[reader](text);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
