using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Status;

/// <summary>Brings each new alarm to the operator's command, its name and its words as two arguments. Nothing ends it but the worker's end.</summary>
internal sealed partial class Alarmist(Gatehouse house, ILogger<Alarmist> log) : BackgroundService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // The worker's own environment may hold the key to the trunk.
    private static readonly string[] Inherited = ["PATH", "HOME", "LANG"];
    private readonly HashSet<(string, DateTimeOffset)> told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wake = new Wake();
        house.Ticked += wake.Hint;
        try
        {
            while (true)
            {
                await TellAsync(stoppingToken);
                await wake.WaitAsync(TimeSpan.FromMinutes(1), house.Time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            house.Ticked -= wake.Hint;
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var alarm in house.Notebook.Alarms.Where(alarm => alarm.Acknowledged is null && told.Add((alarm.Name, alarm.Since))))
            {
                LogAlarm(alarm.Name, alarm.Words);
                if (house.Settings.AlarmCommand is { } command)
                    await CallAsync(command, alarm, cancellation);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogUnread(error);
        }
    }

    private async Task CallAsync(string command, AlarmRecord alarm, CancellationToken cancellation)
    {
        try
        {
            using var process = Children.Start(Start(command, alarm));
            using var deadline = new CancellationTokenSource(Limit, house.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
            await using var kill = either.Token.Register(() => process.Kill(entireProcessTree: true));
            process.StandardInput.Close();
            var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(either.Token), process.StandardError.ReadToEndAsync(either.Token));
            await process.WaitForExitAsync(either.Token);
            if (process.ExitCode != 0)
                LogCommandSaidNo(command, process.ExitCode, string.Concat(said).Trim());
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogCommandFailed(error, command);
        }
    }

    private static ProcessStartInfo Start(string command, AlarmRecord alarm)
    {
        var start = new ProcessStartInfo(command)
        {
            ArgumentList = { Harmless.Text(alarm.Name), Harmless.Text(alarm.Words) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Keep(Inherited);
        return start;
    }

    [LoggerMessage(EventId = 501, Level = LogLevel.Warning, Message = "Alarm {Name}: {Words}")]
    private partial void LogAlarm(string name, string words);

    [LoggerMessage(EventId = 502, Level = LogLevel.Error, Message = "The command for alarms, {Command}, failed")]
    private partial void LogCommandFailed(Exception error, string command);

    [LoggerMessage(EventId = 503, Level = LogLevel.Error, Message = "The command for alarms, {Command}, ended with {Exit}: {Said}")]
    private partial void LogCommandSaidNo(string command, int exit, string said);

    [LoggerMessage(EventId = 504, Level = LogLevel.Error, Message = "The alarms could not be read; they are looked at again after the next tick")]
    private partial void LogUnread(Exception error);
}
