using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.Servers;

/// <summary>One ref that a push would move.</summary>
internal sealed record GitCommand(string Old, string New, string Reference);

/// <summary>Git over HTTP, as a server speaks it: reading is git's own program, pushing is told ref by ref by whoever plays the server.</summary>
internal abstract class GitWire(string directory, HttpContext context)
{
    private const string Upload = "git-upload-pack";
    private const string Receive = "git-receive-pack";
    private const string Capabilities = "report-status delete-refs side-band-64k ofs-delta atomic quiet agent=imitation";
    private const int MostPerBand = 60000;

    /// <summary>The service that is asked for: git-upload-pack or git-receive-pack.</summary>
    public static string Service(HttpContext context, string what) => what == "info/refs" ? context.Request.Query["service"].ToString() : what;

    public async Task AnswerAsync(string what)
    {
        var service = Service(context, what);
        context.Response.Headers.CacheControl = "no-cache";
        if (what == "info/refs")
        {
            context.Response.ContentType = $"application/x-{service}-advertisement";
            await WriteAsync(Line($"# service={service}\n") + "0000");
            if (service == Upload)
                await GitAsync(["upload-pack", "--stateless-rpc", "--advertise-refs", directory], Stream.Null, context.Response.Body);
            else
                await WriteAsync(Advertised());
            return;
        }

        context.Response.ContentType = $"application/x-{service}-result";
        var asked = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await using (asked)
        {
            if (service == Upload)
                await GitAsync(["upload-pack", "--stateless-rpc", directory], asked, context.Response.Body);
            else if (service == Receive)
                await ReceiveAsync(asked);
        }
    }

    /// <summary>Git's settings for who reads, as "name=value".</summary>
    protected abstract IEnumerable<string> Settings { get; }

    /// <summary>What is there, for who pushes: "id name".</summary>
    protected abstract IEnumerable<string> Refs { get; }

    /// <summary>Moves what may be moved; answers for each ref why not, or null, and says beside what people shall read.</summary>
    protected abstract IReadOnlyList<string?> Move(IReadOnlyList<GitCommand> commands, List<string> said);

    private static string Line(string text) => (Encoding.UTF8.GetByteCount(text) + 4).ToString("x4", CultureInfo.InvariantCulture) + text;

    private string Advertised()
    {
        var refs = Refs.DefaultIfEmpty($"{new string('0', 40)} capabilities^{{}}").ToList();
        return string.Concat(refs.Select((reference, index) => Line(index == 0 ? $"{reference}\0{Capabilities}\n" : reference + "\n"))) + "0000";
    }

    private async Task ReceiveAsync(Stream asked)
    {
        var commands = new List<GitCommand>();
        while (await ReadLineAsync(asked) is { Length: > 0 } line)
        {
            var words = line.Split('\0')[0].Trim('\n').Split(' ', 3);
            commands.Add(new(words[0], words[1], words[2]));
        }

        if (commands.Count == 0)
            return;
        if (commands.Exists(command => command.New.Trim('0').Length > 0))
            await GitAsync(["-C", directory, "unpack-objects", "-q"], asked, Stream.Null);
        var said = new List<string>();
        var told = Move(commands, said);
        var report = Line("unpack ok\n") + string.Concat(commands.Select((command, index) => Line(told[index] is { } why ? $"ng {command.Reference} {why}\n" : $"ok {command.Reference}\n"))) + "0000";
        foreach (var words in said)
            await BandAsync(2, words);
        await BandAsync(1, report);
        await WriteAsync("0000");
    }

    private async Task BandAsync(int band, string text)
    {
        foreach (var part in text.Chunk(MostPerBand))
            await WriteAsync(Line((char)band + new string(part)));
    }

    private static async Task<string?> ReadLineAsync(Stream stream)
    {
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false) < 4)
            return null;
        var length = int.Parse(Encoding.ASCII.GetString(head), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (length < 4)
            return "";
        var line = new byte[length - 4];
        await stream.ReadExactlyAsync(line);
        return Encoding.UTF8.GetString(line);
    }

    private Task WriteAsync(string text) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    private async Task GitAsync(string[] arguments, Stream input, Stream output)
    {
        var start = new ProcessStartInfo("git", [.. Settings.SelectMany(setting => new[] { "-c", setting }), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"].ToString();
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var copying = process.StandardOutput.BaseStream.CopyToAsync(output);
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It had read enough.
        }

        await copying;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            Console.Error.WriteLine($"git {string.Join(' ', arguments)}: {await error}");
    }
}
