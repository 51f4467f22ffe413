using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Git over HTTP: reading is git's own program, pushing is told ref by ref, as Gerrit does it.</summary>
internal sealed class FakeWire(FakeServer server, FakeAccount caller, FakeProject project, HttpContext context)
{
    private const string Upload = "git-upload-pack";
    private const string Receive = "git-receive-pack";
    private const string Capabilities = "report-status delete-refs side-band-64k ofs-delta atomic quiet agent=imitation";
    private const int MostPerBand = 60000;

    public async Task AnswerAsync(string what)
    {
        var service = what == "info/refs" ? context.Request.Query["service"].ToString() : what;
        context.Response.Headers.CacheControl = "no-cache";
        if (what == "info/refs")
        {
            context.Response.ContentType = $"application/x-{service}-advertisement";
            await WriteAsync(Line($"# service={service}\n") + "0000");
            if (service == Upload)
                await GitAsync(["upload-pack", "--stateless-rpc", "--advertise-refs", project.Directory], Stream.Null, context.Response.Body);
            else
                await WriteAsync(Refs());
            return;
        }

        context.Response.ContentType = $"application/x-{service}-result";
        var asked = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await using (asked)
        {
            if (service == Upload)
                await GitAsync(["upload-pack", "--stateless-rpc", project.Directory], asked, context.Response.Body);
            else if (service == Receive)
                await ReceiveAsync(asked);
        }
    }

    private static string Line(string text) => (Encoding.UTF8.GetByteCount(text) + 4).ToString("x4", CultureInfo.InvariantCulture) + text;

    private string Refs()
    {
        var refs = project.Git.Refs.Where(reference => !reference.CanonicalName.StartsWith("refs/changes/", StringComparison.Ordinal)).Select(reference => $"{reference.ResolveToDirectReference().TargetIdentifier} {reference.CanonicalName}")
            .Concat(project.Changes.Where(change => change.IsOpen).Select(change => $"{change.Current.Commit.Sha} .have")).DefaultIfEmpty($"{new string('0', 40)} capabilities^{{}}").ToList();
        return string.Concat(refs.Select((reference, index) => Line(index == 0 ? $"{reference}\0{Capabilities}\n" : reference + "\n"))) + "0000";
    }

    private async Task ReceiveAsync(Stream asked)
    {
        var commands = new List<string[]>();
        while (await ReadLineAsync(asked) is { Length: > 0 } line)
            commands.Add(line.Split('\0')[0].Trim('\n').Split(' ', 3));
        if (commands.Count == 0)
            return;
        if (commands.Exists(command => command[1].Trim('0').Length > 0))
            await GitAsync(["-C", project.Directory, "unpack-objects", "-q"], asked, Stream.Null);
        var said = new List<string>();
        var push = new FakePush(server, caller, project, said);
        var report = new StringBuilder(Line("unpack ok\n"));
        foreach (var command in commands)
            report.Append(Line(push.Move(command[0], command[1], command[2]) is { } why ? $"ng {command[2]} {why}\n" : $"ok {command[2]}\n"));
        report.Append("0000");
        foreach (var words in said)
            await BandAsync(2, words);
        await BandAsync(2, "Processing changes: refs: 1, done    \n");
        await BandAsync(1, report.ToString());
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
        var hidden = project.Changes.Where(change => !server.Sees(caller, change)).Select(change => Path.GetDirectoryName(change.MetaReference)!).SelectMany(reference => new[] { "-c", $"transfer.hideRefs={reference}" });
        var start = new ProcessStartInfo("git", [.. hidden, "-c", "uploadpack.allowAnySHA1InWant=false", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
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
            TestContext.Progress.WriteLine($"git {string.Join(' ', arguments)}: {await error}");
    }
}
