import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { conversationsApi } from '../../api/conversations-api.ts';
import { queryFn } from '../../api/query-client.ts';

interface AttachmentImageProps {
  id: string;
  name: string;
  className: string;
}

/** An attached image. The gateway serves files as downloads only, so the page shows a copy in memory. */
export function AttachmentImage({ id, name, className }: AttachmentImageProps) {
  const { data } = useQuery({
    queryKey: ['attachment', id],
    queryFn: queryFn((signal) => conversationsApi.attachments.content(id, signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!data) return;
    const created = URL.createObjectURL(data);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [data]);
  return url === null ? <span className={`${className} bg-surface-2`} /> : <img src={url} alt={name} className={className} />;
}
