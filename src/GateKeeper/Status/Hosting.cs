using System.Net.Sockets;
using System.Text;
using GateKeeper.Reconcile;

namespace GateKeeper.Status;

/// <summary>Puts worker and page into one host.</summary>
internal static class Hosting
{
    private const int MostHeaderBytes = 16 << 10;

    /// <param name="house">The opened worker; the caller closes it after the host has stopped.</param>
    /// <param name="quiet">True where the terminal belongs to something else.</param>
    public static WebApplication Build(Gatehouse house, bool quiet)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (!quiet)
            builder.Logging.AddLines();
        builder.WebHost.UseUrls(house.Settings.Page.Listen);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxConcurrentConnections = 500;
        });
        builder.Services.AddSingleton(house);
        builder.Services.AddSingleton<GateWorker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<GateWorker>());
        builder.Services.AddHostedService<Alarmist>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        var app = builder.Build();
        app.MapStatus(house, app.Services.GetRequiredService<GateWorker>());
        app.Lifetime.ApplicationStarted.Register(() => Notify("READY=1"));
        app.Lifetime.ApplicationStopping.Register(() => Notify("STOPPING=1"));
        return app;
    }

    public static void AddLines(this ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        if (Console.IsOutputRedirected)
            logging.AddJsonConsole(options => (options.UseUtcTimestamp, options.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        else
            logging.AddSimpleConsole(options => (options.SingleLine, options.TimestampFormat) = (true, "HH:mm:ss "));
    }

    /// <summary>Tells systemd, where it started the worker, how it is.</summary>
    private static void Notify(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } address)
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address.StartsWith('@') ? "\0" + address[1..] : address));
    }
}

/// <summary>Brings each new alarm to the operator's command, its name and its words as two arguments.</summary>
internal sealed partial class Alarmist(Gatehouse house, ILogger<Alarmist> log) : BackgroundService
{
    private readonly HashSet<(string, DateTimeOffset)> told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wake = new Wake();
        house.Ticked += wake.Hint;
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var alarm in house.Notebook.Alarms.Where(alarm => alarm.Acknowledged is null && told.Add((alarm.Name, alarm.Since))))
            {
                LogAlarm(alarm.Name, alarm.Words);
                if (house.Settings.AlarmCommand is { } command)
                    await CallAsync(command, alarm, stoppingToken);
            }

            await wake.WaitAsync(TimeSpan.FromMinutes(1), house.Time, stoppingToken);
        }
    }

    private async Task CallAsync(string command, Store.AlarmRecord alarm, CancellationToken cancellation)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(command) { ArgumentList = { alarm.Name, alarm.Words } })!;
            await process.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(30), house.Time, cancellation);
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or TimeoutException)
        {
            LogCommandFailed(error, command);
        }
    }

    [LoggerMessage(EventId = 501, Level = LogLevel.Warning, Message = "Alarm {Name}: {Words}")]
    private partial void LogAlarm(string name, string words);

    [LoggerMessage(EventId = 502, Level = LogLevel.Error, Message = "The command for alarms, {Command}, failed")]
    private partial void LogCommandFailed(Exception error, string command);
}
