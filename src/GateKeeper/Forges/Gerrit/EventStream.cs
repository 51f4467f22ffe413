using System.Diagnostics;
using System.Text.Json;
using GateKeeper.Core.Landing;
using GateKeeper.Git;

namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Listens to a server's stream of events over SSH, as a hint that something may have moved and no more: a lost, late or doubled event does
/// no harm. When the line breaks it is taken up again, each time later, and the project is looked at once more.
/// </summary>
internal sealed partial class EventStream : IAsyncDisposable
{
    private readonly ProcessStartInfo start;
    private readonly string project;
    private readonly Action hint;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly Task listening;

    /// <param name="start">The command that prints the events, a line each.</param>
    /// <param name="project">The project whose events matter.</param>
    /// <param name="hint">Called when something may have moved.</param>
    /// <param name="time">For waiting between tries.</param>
    /// <param name="log">Is told when the line breaks.</param>
    public EventStream(ProcessStartInfo start, string project, Action hint, TimeProvider time, ILogger log)
    {
        (this.start, this.project, this.hint, this.time, this.log) = (start, project, hint, time, log);
        listening = Task.Run(ListenAsync);
    }

    // A person's configuration of ssh can send variables to the server, and start programs.
    private static readonly string[] Inherited = ["PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK"];

    /// <summary>The ssh program, which asks nobody anything and takes no host for another.</summary>
    public static ProcessStartInfo Ssh(Uri address, string? key, string? knownHosts)
    {
        var command = new ProcessStartInfo("ssh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] options =
        [
            "-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ServerAliveInterval=30", "-o", "ConnectTimeout=20",
            .. knownHosts is null ? (string[])[] : ["-o", $"UserKnownHostsFile={knownHosts}"],
            .. key is null ? (string[])[] : ["-i", key, "-o", "IdentitiesOnly=yes"],
            "-p", $"{(address.Port < 0 ? 29418 : address.Port)}", "-l", address.UserInfo, "--", address.Host, "gerrit", "stream-events",
        ];
        foreach (var option in options)
            command.ArgumentList.Add(option);
        command.Keep(Inherited);
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await listening;
        stop.Dispose();
    }

    private async Task ListenAsync()
    {
        for (var tries = 1; !stop.IsCancellationRequested; tries++)
        {
            try
            {
                if (await ListenOnceAsync())
                    tries = 0;
            }
            catch (Exception error) when (error is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                LogBroken(project, error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await Task.Delay(Backoff.After(tries), time, stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Answers whether anything was heard before the line broke.</summary>
    private async Task<bool> ListenOnceAsync()
    {
        using var process = Children.Start(start);
        try
        {
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(stop.Token);
            hint();
            var heard = false;
            while (await process.StandardOutput.ReadLineAsync(stop.Token) is { } line)
            {
                heard = true;
                if (Matters(line, project))
                    hint();
            }

            LogBroken(project, (await error).Trim());
            return heard;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Whether an event may concern the project. What cannot be read may; the log that the server keeps of each change may not.</summary>
    internal static bool Matters(string line, string project)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.TryGetProperty("refUpdate", out var update))
                return Text(update, "project") == project && Text(update, "refName")?.EndsWith("/meta", StringComparison.Ordinal) != true;
            return !root.TryGetProperty("change", out var change) || Text(change, "project") == project;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return true;
        }
    }

    private static string? Text(JsonElement element, string key) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    [LoggerMessage(EventId = 601, Level = LogLevel.Warning, Message = "The events of {Project} cannot be heard ({Why}); they are listened for again, and the poll goes on")]
    private partial void LogBroken(string project, string why);
}
