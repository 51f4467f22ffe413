using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace GateKeeper.Git;

/// <summary>
/// A push over HTTP to exactly the refs that are named. Git's own helper for HTTP names each ref anew to the program that sends the pack,
/// which looks again for all that a full name could mean; so where somebody has made a branch called <c>refs/heads/main</c> no push to the
/// trunk gets through. Here the same program is given the pattern, and what it says and hears is carried over HTTP in the helper's place.
/// </summary>
internal sealed class ExactPush(GitProgram git, string url)
{
    private const string Service = "git-receive-pack";
    private const int HeadLength = 4;

    /// <summary>Whether a push failed only because git could not tell which ref was meant, and can be made here instead.</summary>
    public static bool Helps(string url, GitAnswer answer) =>
        !answer.Ok && url.StartsWith("http", StringComparison.Ordinal) && answer.Error.Contains("matches more than one", StringComparison.Ordinal);

    /// <summary>What git's own push would have answered, in its words for programs.</summary>
    /// <exception cref="GitException">It is not known what came of it.</exception>
    public async Task<GitAnswer> PushAsync(IEnumerable<string> options, IEnumerable<string> specs, TimeSpan limit, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(limit);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = git.Credential is { } key ? AuthenticationHeaderValue.Parse(key.Authorization) : null;
        try
        {
            return await TalkAsync(http, options, specs, deadline.Token);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new GitException(git.Redact($"push: {(error is OperationCanceledException ? "it did not end in time" : error.Message)}"));
        }
    }

    private async Task<GitAnswer> TalkAsync(HttpClient http, IEnumerable<string> options, IEnumerable<string> specs, CancellationToken cancellation)
    {
        var there = await AdvertisedAsync(http, cancellation);
        using var sender = Children.Start(git.Start(["send-pack", "--stateless-rpc", "--helper-status", "--thin", .. options, "--", url, .. specs]));
        await using var kill = cancellation.Register(() => sender.Kill(entireProcessTree: true));
        var said = sender.StandardError.ReadToEndAsync(cancellation);
        await sender.StandardInput.BaseStream.WriteAsync(there, cancellation);
        await sender.StandardInput.BaseStream.FlushAsync(cancellation);
        using var request = new MemoryStream();
        var status = await ReadAsync(sender.StandardOutput.BaseStream, request, cancellation);
        if (request.Length > 0)
            await sender.StandardInput.BaseStream.WriteAsync(await PostAsync(http, request.ToArray(), cancellation), cancellation);
        sender.StandardInput.Close();
        status += await sender.StandardOutput.ReadToEndAsync(cancellation);
        await sender.WaitForExitAsync(cancellation);
        return new(sender.ExitCode, Encoding.UTF8.GetBytes(string.Join('\n', status.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Told))), git.Redact((await said).Trim()));
    }

    /// <summary>"ok REF" or "error REF WHY", in the form that <c>git push --porcelain</c> has for it.</summary>
    private static string Told(string line) =>
        line.Split(' ', 3) is ["ok", var name, ..] ? $"*\t:{name}\t[done]" : $"!\t:{line.Split(' ').ElementAtOrDefault(1)}\t[rejected] ({line.Split(' ', 3).ElementAtOrDefault(2) ?? line})";

    /// <summary>The refs of the other side, without the line that says which service it is.</summary>
    private async Task<byte[]> AdvertisedAsync(HttpClient http, CancellationToken cancellation)
    {
        var answer = await http.GetAsync(new Uri($"{url.TrimEnd('/')}/info/refs?service={Service}"), cancellation);
        answer.EnsureSuccessStatusCode();
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
        var end = Head(bytes.AsSpan(0, Math.Min(HeadLength, bytes.Length)));
        if (end is not { } length || length + HeadLength > bytes.Length || !Encoding.ASCII.GetString(bytes, HeadLength, length - HeadLength).StartsWith($"# service={Service}", StringComparison.Ordinal))
            throw new IOException("the server does not say what it has");
        return bytes[(length + HeadLength)..];
    }

    private async Task<byte[]> PostAsync(HttpClient http, byte[] request, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new($"application/x-{Service}-request");
        using var answer = await http.PostAsync(new Uri($"{url.TrimEnd('/')}/{Service}"), content, cancellation);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellation);
    }

    /// <summary>Takes packets until one says that there are no more. Where nothing is to be sent there are none, but words at once: those are answered.</summary>
    private static async Task<string> ReadAsync(Stream from, MemoryStream into, CancellationToken cancellation)
    {
        var head = new byte[HeadLength];
        while (true)
        {
            var read = await from.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, cancellation);
            if (read < HeadLength || Head(head) is not { } length)
                return Encoding.UTF8.GetString(head, 0, read);
            if (length < HeadLength)
                return "";
            var packet = new byte[length - HeadLength];
            await from.ReadExactlyAsync(packet, cancellation);
            into.Write(packet);
        }
    }

    /// <summary>A packet's length, its head with it; 0 where it ends a row. Null for anything else.</summary>
    private static int? Head(ReadOnlySpan<byte> head) =>
        head.Length == HeadLength && int.TryParse(Encoding.ASCII.GetString(head), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) ? length : null;
}
