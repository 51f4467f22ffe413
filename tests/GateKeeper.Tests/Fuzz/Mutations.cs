namespace GateKeeper.Tests.Fuzz;

/// <summary>Makes hostile texts of good ones: cut, doubled, exchanged, and with what parsers stumble over put in. The same seed makes the same.</summary>
internal static class Mutations
{
    private static readonly byte[][] Odd =
    [
        [0], [0xff], [0xef, 0xbb, 0xbf], [0xff, 0xfe], "\r"u8.ToArray(), "\u0085"u8.ToArray(), "\u2028"u8.ToArray(), "\u202e"u8.ToArray(), "\u001b[31m"u8.ToArray(),
        "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), ": "u8.ToArray(), "- "u8.ToArray(), "? "u8.ToArray(), "\""u8.ToArray(), "'"u8.ToArray(), "\n"u8.ToArray(), "\n  "u8.ToArray(), "\t"u8.ToArray(), "#"u8.ToArray(),
        "&a "u8.ToArray(), "*a"u8.ToArray(), "!!x "u8.ToArray(), "%YAML 9\n---\n"u8.ToArray(), "...\n"u8.ToArray(), "<<: "u8.ToArray(), "|\n"u8.ToArray(), ">-\n"u8.ToArray(),
        "null"u8.ToArray(), "-1"u8.ToArray(), "1e999"u8.ToArray(), "99999999999999999999"u8.ToArray(), "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), "\\"u8.ToArray(), "/"u8.ToArray(), "**"u8.ToArray(), "[!"u8.ToArray(), "[z-a]"u8.ToArray(), "{a,"u8.ToArray(), "!"u8.ToArray(),
        "<!DOCTYPE a [<!ENTITY b \"c\">]>"u8.ToArray(), "&b;"u8.ToArray(), "]]>"u8.ToArray(), "<testcase>"u8.ToArray(), "@"u8.ToArray(), "<"u8.ToArray(), ">"u8.ToArray(),
    ];

    public static IEnumerable<byte[]> Of(IReadOnlyList<byte[]> seeds, int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = seeds[random.Next(seeds.Count)].ToList();
            for (var times = 1 + random.Next(4); times > 0; times--)
                Change(text, seeds[random.Next(seeds.Count)], random);
            yield return [.. text];
        }
    }

    private static void Change(List<byte> text, byte[] other, Random random)
    {
        var at = random.Next(text.Count + 1);
        var length = Math.Min(text.Count - at, random.Next(1, 20));
        switch (random.Next(7))
        {
            case 0:
                text.RemoveRange(at, length);
                break;
            case 1:
                text.InsertRange(at, text.GetRange(at, length));
                break;
            case 2 when at < text.Count:
                text[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                text.RemoveRange(at, text.Count - at);
                break;
            case 4:
                var from = random.Next(other.Length + 1);
                text.InsertRange(at, other.Skip(from).Take(random.Next(1, 40)));
                break;
            case 5 when length > 0:
                text.InsertRange(at, Enumerable.Repeat(text.GetRange(at, length), random.Next(2, 50)).SelectMany(part => part).ToList());
                break;
            default:
                text.InsertRange(at, Odd[random.Next(Odd.Length)]);
                break;
        }
    }
}
